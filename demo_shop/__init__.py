"""A demo shop worth crawling: it sells what it draws, and it alone knows the truth.

It is a guest of the project: it knows HTTP and HTML, and nothing of the crawler that visits it.
"""

from demo_shop.server import serving
from demo_shop.shop import DemoShop

__all__ = ["DemoShop", "serving"]
