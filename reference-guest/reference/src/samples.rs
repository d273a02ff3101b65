//! The least binary data that is what it says it is.

/// A picture of one pixel, `image/png`.
pub const PIXEL: &[u8] = include_bytes!("../assets/pixel.png");
/// A millisecond of silence, `audio/wav`.
pub const SILENCE: &[u8] = include_bytes!("../assets/silence.wav");
