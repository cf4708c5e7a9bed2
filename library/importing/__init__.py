"""Reads a packed folder with its table, and says what each line would become. Changes nothing."""
