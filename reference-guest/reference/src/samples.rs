//! Minimal valid binary data.

/// A picture of one pixel, `image/png`.
pub const PIXEL: &[u8] = include_bytes!("../assets/pixel.png");
/// A millisecond of silence, `audio/wav`.
pub const SILENCE: &[u8] = include_bytes!("../assets/silence.wav");
