//! TEXT: text bodies.

checks! { Text;
    "TEXT-01", Core, Any, [], [], "3.11, 3.12",
        "texts arrive exactly, control characters and non-BMP included, and none apart from empty";
    "TEXT-02", Core, Once, [], [], "ext",
        "texts of 1 byte to 10 MB arrive unaltered, around the 64 kB edge too";
}
