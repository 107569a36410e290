"""What is kept: pictures, the catalog, the vectors, and the check that they agree."""
