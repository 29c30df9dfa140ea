/// What a peer may send at most. Beyond it the stream cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Command and headers of a frame, in bytes.
    pub head: usize,
    /// Headers of a frame.
    pub headers: usize,
    /// The body of a frame, in bytes.
    pub body: usize,
}

impl Default for Limits {
    /// 256 KiB for command and headers, of which there may be 1000, and 128 MiB for the body.
    fn default() -> Self {
        Self {
            head: 256 << 10,
            headers: 1000,
            body: 128 << 20,
        }
    }
}

impl Limits {
    /// The same with this for command and headers, in bytes.
    #[must_use]
    pub const fn with_head(mut self, bytes: usize) -> Self {
        self.head = bytes;
        self
    }

    /// The same with so many headers.
    #[must_use]
    pub const fn with_headers(mut self, headers: usize) -> Self {
        self.headers = headers;
        self
    }

    /// The same with this for the body, in bytes.
    #[must_use]
    pub const fn with_body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }
}
