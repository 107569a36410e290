"""Networks that make vectors of pictures, one readable file each; all need the train extra."""
