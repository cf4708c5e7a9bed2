"""What the library reads over several models. Nothing here changes anything."""
