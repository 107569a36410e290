"""The hall: what all rooms share. Importing it connects to nothing and reads nothing."""
