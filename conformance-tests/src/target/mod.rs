//! The targets that the program knows, each with a broker of its own.
