//! The modes of the probes: one build makes many components, which differ in one embedded word.

/// The text before the mode. It occurs once in each of the probes.
const MARKER: &[u8] = b"WASI-MCP-PROBE-MODE:";
/// The maximum length of the mode, with its padding.
const ROOM: usize = 44;
/// The padding of the mode.
const PADDING: u8 = b'.';

/// Reasons why a component cannot be given a mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoMode {
    /// The component is not a probe, or its text was changed: the marker was found this many times
    /// instead of once.
    Marker(usize),
    /// The mode is too long, or contains the padding.
    Name(String),
}

impl std::fmt::Display for NoMode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Marker(count) => write!(
                formatter,
                "the place of the mode stands {count} times in the component, not once"
            ),
            Self::Name(name) => write!(formatter, "`{name}` cannot be a mode"),
        }
    }
}

impl std::error::Error for NoMode {}

/// Returns the component in another mode.
///
/// # Errors
///
/// If the component has no mode, or the name does not fit.
pub fn with_mode(component: &[u8], mode: &str) -> Result<Vec<u8>, NoMode> {
    if mode.len() >= ROOM || mode.bytes().any(|byte| byte == PADDING) {
        return Err(NoMode::Name(mode.to_owned()));
    }
    let mut places = component
        .windows(MARKER.len())
        .enumerate()
        .filter(|(_, window)| *window == MARKER)
        .map(|(place, _)| place + MARKER.len());
    let (place, others) = (places.next(), places.count());
    let room = place.map(|place| place..place + ROOM);
    let mut component = component.to_vec();
    match room.and_then(|room| component.get_mut(room)) {
        Some(room) if others == 0 => {
            room.fill(PADDING);
            room[..mode.len()].copy_from_slice(mode.as_bytes());
            Ok(component)
        }
        _ => Err(NoMode::Marker(usize::from(place.is_some()) + others)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ALL;

    #[test]
    fn each_of_the_probes_has_one_place_for_its_mode() {
        let probes = || ALL.iter().filter(|guest| guest.name.starts_with("probes-"));
        assert_eq!(probes().count(), 4);
        for guest in probes() {
            let trapping = with_mode(guest.bytes, "start-trap").expect(guest.name);
            assert_eq!(trapping.len(), guest.bytes.len());
            assert_ne!(trapping, guest.bytes);
            let back = with_mode(&trapping, "default").expect(guest.name);
            assert_eq!(back, guest.bytes, "{}", guest.name);
        }
    }

    #[test]
    fn what_has_no_place_for_a_mode_is_refused() {
        assert_eq!(with_mode(b"\0asm", "default"), Err(NoMode::Marker(0)));
        let place = [MARKER, [PADDING; ROOM].as_slice()].concat();
        assert_eq!(
            with_mode(&[&place[..], &place].concat(), "a"),
            Err(NoMode::Marker(2))
        );
        assert_eq!(with_mode(MARKER, "a"), Err(NoMode::Marker(1)));
        let long = "a".repeat(ROOM);
        assert_eq!(with_mode(&place, &long), Err(NoMode::Name(long)));
        assert_eq!(
            with_mode(&place, "a.b"),
            Err(NoMode::Name("a.b".to_owned()))
        );
    }
}
