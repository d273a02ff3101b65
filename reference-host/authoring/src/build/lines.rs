//! The source lines of a module: debug information, without that of the C library.
//!
//! The host uses them to name the place of a trap. Debug information of the C library would make a
//! component ten times as large.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use gimli::write::{
    Address, ConvertUnit, ConvertUnitEntry, EndianVec, FileId, FilterUnitSection, LineProgram,
    LineString, Sections, UnitEntryId,
};
use gimli::{DwAt, DwTag, EndianSlice, LittleEndian, UnitRef, constants};
use wasm_encoder::{CustomSection, Module, RawSection};
use wasmparser::{Parser, Payload};

type Bytes<'a> = EndianSlice<'a, LittleEndian>;

/// Returns the module without names and debug information, except for the functions and lines of these
/// files. The paths are those that were passed to the compiler.
pub(super) fn keep_lines(module: &[u8], sources: &[PathBuf]) -> Result<Vec<u8>> {
    let mut kept = Module::new();
    let mut debug = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        match &payload {
            Payload::CustomSection(custom) if custom.name().starts_with(".debug_") => {
                debug.push((custom.name(), custom.data()));
            }
            Payload::CustomSection(custom) if custom.name() == "name" => {}
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    let data = module.get(range).context("a section is cut off")?;
                    kept.section(&RawSection { id, data });
                }
            }
        }
    }
    let dwarf = gimli::Dwarf::load(|id| -> Result<_, gimli::Error> {
        let found = debug.iter().find(|(name, _)| *name == id.name());
        let bytes = found.map_or(&[][..], |(_, bytes)| *bytes);
        Ok(EndianSlice::new(bytes, LittleEndian))
    })?;
    // Lines are optional: drop debug information that gimli cannot read.
    for (name, data) in &convert(&dwarf, sources).unwrap_or_default() {
        let (name, data) = (Cow::Borrowed(*name), Cow::Borrowed(&**data));
        kept.section(&CustomSection { name, data });
    }
    Ok(kept.finish())
}

/// Returns the debug sections for these files.
fn convert(
    dwarf: &gimli::Dwarf<Bytes<'_>>,
    sources: &[PathBuf],
) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let mut filter = FilterUnitSection::new(dwarf)?;
    while let Some(mut unit) = filter.read_unit()? {
        let is_own = is_any_of(sources, unit.read_unit.name);
        let mut entry = unit.null_entry();
        while unit.read_entry(&mut entry)? {
            let is_function = entry.tag() == constants::DW_TAG_subprogram;
            let place = entry.attr_value(constants::DW_AT_low_pc);
            if is_own && is_function && place.is_some_and(|place| !is_dropped(&place)) {
                unit.require_entry(entry.offset());
            }
        }
    }
    let mut lines = gimli::write::Dwarf::new();
    let mut units = lines.convert_with_filter(filter)?;
    while let Some((mut unit, root)) = units.read_unit()? {
        if !is_any_of(sources, unit.read_unit.name) {
            unit.skip();
            continue;
        }
        if let Some((program, files)) = line_program(unit.read_unit, sources)? {
            unit.set_line_program(program, files);
        }
        convert_entry(&mut unit, None, &root)?;
        let mut entry = root;
        while let Some(id) = unit.read_entry(&mut entry)? {
            let is_code =
                CODE.contains(&entry.tag()) && !entry.has_attr(constants::DW_AT_declaration);
            if id.is_some() && is_code {
                let id = unit.add_entry(id, &entry);
                convert_entry(&mut unit, Some(id), &entry)?;
            }
        }
    }
    let mut sections = Sections::new(EndianVec::new(LittleEndian));
    lines.write(&mut sections)?;
    let mut written = Vec::new();
    sections.for_each_mut(|id, section| -> Result<()> {
        let bytes = section.take();
        if !bytes.is_empty() {
            written.push((id.name(), bytes));
        }
        Ok(())
    })?;
    Ok(written)
}

/// Returns the lines of a unit, and its files by their numbers. Paths of this machine, such as those of
/// headers, are left out: an author's own file has the path that was passed to the compiler, and any other
/// its name.
fn line_program(
    unit: UnitRef<'_, Bytes<'_>>,
    sources: &[PathBuf],
) -> Result<Option<(LineProgram, Vec<FileId>)>> {
    let Some(program) = unit.line_program.clone() else {
        return Ok(None);
    };
    let header = program.header().clone();
    let name_of = |number: u64| -> Option<String> {
        let file = header.file(number)?;
        let text = |value| unit.attr_string(value).ok()?.to_string().ok();
        let name = text(file.path_name())?;
        let folder = file.directory(&header).and_then(text).unwrap_or_default();
        let path = Path::new(folder).join(name);
        match sources.contains(&path) {
            true => Some(path.display().to_string()),
            false => Some(name.rsplit(['/', '\\']).next()?.to_owned()),
        }
    };
    let text = |text: String| LineString::String(text.into_bytes());
    let unknown = || "unknown".to_owned();
    let mut written = LineProgram::new(
        header.encoding(),
        header.line_encoding(),
        text(String::new()),
        None,
        text(name_of(unit.header.version().le(&4).into()).unwrap_or_else(unknown)),
        None,
    );
    let folder = written.default_directory();
    let mut known: BTreeMap<u64, FileId> = BTreeMap::new();
    // The address of the first row of a sequence, and of the last one so far.
    let mut sequence: Option<(u64, u64)> = None;
    let mut rows = program.rows();
    while let Some((_, row)) = rows.next_row()? {
        if row.address() >= DROPPED {
            continue;
        }
        let (begin, last) = sequence.unwrap_or((row.address(), row.address()));
        ensure!(
            row.address() >= last,
            "lines are not in the order of addresses"
        );
        let offset = row.address() - begin;
        if row.end_sequence() {
            if sequence.take().is_some() {
                written.end_sequence(offset);
            }
            continue;
        }
        if sequence.is_none() {
            written.begin_sequence(Some(Address::Constant(begin)));
        }
        sequence = Some((begin, row.address()));
        let number = row.file_index();
        let file = *known.entry(number).or_insert_with(|| {
            let name = name_of(number).unwrap_or_else(unknown);
            written.add_file(text(name), folder, None)
        });
        let next = written.row();
        next.address_offset = offset;
        next.file = file;
        next.line = row.line().map_or(0, NonZero::get);
        next.is_statement = row.is_stmt();
        written.generate_row();
    }
    ensure!(sequence.is_none(), "lines have no end");
    // The files of callers are among those of rows.
    let Some(first) = known.values().next().copied() else {
        return Ok(None);
    };
    let numbers = 0..=header.file_names().len() as u64;
    let files = numbers.map(|number| known.get(&number).copied().unwrap_or(first));
    let files = files.collect();
    Ok(Some((written, files)))
}

/// Writes the attributes of an entry that locate a trap; without an id, into the root.
fn convert_entry<'a>(
    unit: &mut ConvertUnit<'_, Bytes<'a>>,
    id: Option<UnitEntryId>,
    entry: &ConvertUnitEntry<'_, Bytes<'a>>,
) -> Result<()> {
    let id = id.unwrap_or_else(|| unit.unit.root());
    for attribute in &entry.attrs {
        if KEPT.contains(&attribute.name()) {
            let value = unit.convert_attribute_value(entry.read_unit, attribute, &same)?;
            unit.unit.get_mut(id).set(attribute.name(), value);
        }
    }
    Ok(())
}

/// The entries that are kept: functions, inlined functions, and the blocks around them.
const CODE: [DwTag; 3] = [
    constants::DW_TAG_subprogram,
    constants::DW_TAG_inlined_subroutine,
    constants::DW_TAG_lexical_block,
];

/// The attributes that are kept. Paths of this machine, such as `DW_AT_comp_dir`, are not among them.
const KEPT: [DwAt; 9] = [
    constants::DW_AT_name,
    constants::DW_AT_stmt_list,
    constants::DW_AT_low_pc,
    constants::DW_AT_high_pc,
    constants::DW_AT_ranges,
    constants::DW_AT_abstract_origin,
    constants::DW_AT_call_file,
    constants::DW_AT_call_line,
    constants::DW_AT_inline,
];

/// Converts an address. Code addresses do not change.
#[expect(clippy::unnecessary_wraps, reason = "gimli converts so")]
fn same(address: u64) -> Option<Address> {
    Some(Address::Constant(address))
}

/// The first address that stands for code that the linker has dropped: <https://reviews.llvm.org/D91803>.
const DROPPED: u64 = 0xffff_fffe;

/// Returns true if the linker has dropped the code at this address.
fn is_dropped(place: &gimli::AttributeValue<Bytes<'_>>) -> bool {
    matches!(place, gimli::AttributeValue::Addr(address) if *address >= DROPPED)
}

fn is_any_of(sources: &[PathBuf], name: Option<Bytes<'_>>) -> bool {
    let name = name.and_then(|name| std::str::from_utf8(name.slice()).ok());
    name.is_some_and(|name| sources.iter().any(|source| source.as_os_str() == name))
}

#[cfg(test)]
mod tests {
    use gimli::write::{AttributeValue, Dwarf, Unit};
    use gimli::{Encoding, Format, LineEncoding};

    use super::*;

    /// Adds a file with a function at an address, whose first instruction is of this line.
    fn add_unit(dwarf: &mut Dwarf, file: &str, function: &str, address: u64, line: u64) {
        let encoding = Encoding {
            format: Format::Dwarf32,
            version: 4,
            address_size: 4,
        };
        let (folder, name) = (&b"/home/author/server"[..], file.as_bytes());
        let text = |text: &[u8]| LineString::String(text.to_vec());
        let line_encoding = LineEncoding::default();
        let mut program = LineProgram::new(
            encoding,
            line_encoding,
            text(folder),
            None,
            text(name),
            None,
        );
        let file_id = program.add_file(text(name), program.default_directory(), None);
        let headers = program.add_directory(text(b"/home/author/sdk/include"));
        let header = program.add_file(text(b"inlined.h"), headers, None);
        program.begin_sequence(Some(Address::Constant(address)));
        program.row().file = file_id;
        program.row().line = line;
        program.generate_row();
        program.row().address_offset = 4;
        program.row().file = header;
        program.row().line = 3;
        program.generate_row();
        program.end_sequence(8);
        let mut unit = Unit::new(encoding, program);
        let root = unit.root();
        let string = |text: &[u8]| AttributeValue::String(text.to_vec());
        unit.get_mut(root).set(constants::DW_AT_name, string(name));
        unit.get_mut(root)
            .set(constants::DW_AT_comp_dir, string(folder));
        unit.get_mut(root).set(
            constants::DW_AT_low_pc,
            AttributeValue::Address(Address::Constant(address)),
        );
        unit.get_mut(root)
            .set(constants::DW_AT_high_pc, AttributeValue::Udata(8));
        let entry = unit.add(root, constants::DW_TAG_subprogram);
        let entry = unit.get_mut(entry);
        entry.set(constants::DW_AT_name, string(function.as_bytes()));
        entry.set(
            constants::DW_AT_low_pc,
            AttributeValue::Address(Address::Constant(address)),
        );
        entry.set(constants::DW_AT_high_pc, AttributeValue::Udata(8));
        dwarf.units.add(unit);
    }

    #[test]
    fn lines_of_own_files_are_kept_alone() {
        let mut dwarf = Dwarf::new();
        add_unit(&mut dwarf, "server.c", "count_words", 0x10, 95);
        add_unit(&mut dwarf, "/opt/sdk/strlen.c", "strlen", 0x20, 7);
        add_unit(&mut dwarf, "words.c", "unused", 0xffff_ffff, 8);
        let mut sections = Sections::new(EndianVec::new(LittleEndian));
        dwarf.write(&mut sections).unwrap();
        let mut module = Module::new();
        let written = |id: gimli::SectionId, section: &EndianVec<LittleEndian>| {
            let (name, data) = (Cow::Borrowed(id.name()), Cow::Borrowed(section.slice()));
            module.section(&CustomSection { name, data });
            Ok::<_, ()>(())
        };
        sections.for_each(written).unwrap();
        for name in ["name", "component-type"] {
            let (name, data) = (Cow::Borrowed(name), Cow::Borrowed(&b"data"[..]));
            module.section(&CustomSection { name, data });
        }

        let sources = ["server.c", "words.c"].map(PathBuf::from);
        let kept = keep_lines(&module.finish(), &sources).unwrap();
        let has = |text: &str| kept.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(has("server.c") && has("count_words") && has("component-type"));
        assert!(has("inlined.h"));
        assert!(!has("strlen") && !has("/home/author") && !has("unused"));
    }

    #[test]
    fn debug_information_that_cannot_be_read_is_dropped() {
        let mut module = Module::new();
        let (name, data) = (
            Cow::Borrowed(".debug_info"),
            Cow::Borrowed(&b"unreadable"[..]),
        );
        module.section(&CustomSection { name, data });
        let kept = keep_lines(&module.finish(), &["server.c".into()]).unwrap();
        assert_eq!(kept, Module::new().finish());
    }
}
