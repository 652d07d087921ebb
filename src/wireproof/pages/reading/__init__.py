"""Reads pages: files or addresses, HTML or Markdown, to blocks of text, tables and examples."""
