"""The hall: what all rooms of SnapMode share, and nothing that connects, reads files or starts threads."""
