"""What a question asks for: hashed words and the shape of the text, read by small linear heads in well under 1 ms."""
