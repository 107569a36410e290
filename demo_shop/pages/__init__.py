"""The HTML of the shop: one module for each kind of page, all pure functions of the storefront."""
