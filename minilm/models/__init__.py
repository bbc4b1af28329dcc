"""Models: each file a Config, init, forward, backward and loss; those that generate offer start and step."""
