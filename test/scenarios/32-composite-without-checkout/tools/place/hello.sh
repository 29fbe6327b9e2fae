echo from-the-tree
