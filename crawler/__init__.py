"""The crawler: shops in, products and pictures out. The only room that knows Scrapy."""
