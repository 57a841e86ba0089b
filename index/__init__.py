"""Articles in, passages out: reading, chunking, embedding, storing and searching."""
