"""One file an application: text in, text out."""
