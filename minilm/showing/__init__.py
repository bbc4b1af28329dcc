"""Pictures, and the article's seven steps with their arrays."""
