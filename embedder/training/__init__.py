"""Training: recipes, data, augmentation, losses, mining and the loop."""
