"""Page objects: HTML and a URL in, a product out. They know nothing of Scrapy."""
