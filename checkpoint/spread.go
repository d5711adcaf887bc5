package checkpoint

import (
	"slices"

	"relink/importer"
)

const (
	// spreadLines are read ahead, in spreadParts parts.
	spreadLines = 16384
	spreadParts = 16
	// spreadBytes bounds what they may take, where lines are long.
	spreadBytes = 4 << 20
)

// spread changes the order in which lines are stored: from each part of a block
// one in turn, so that lines which are sent together lie apart on the disk.
//
// A settlement rewrites its rows, and Postgres keeps the new version on the
// page of the old one (a HOT update) where there is room. Rows of one page that
// are settled in one statement find none, since what they replace is in use
// until it ends: new versions go elsewhere, and every index gets another entry.
// Spread, a page meets a few rows of each settlement, and each uses the room
// that the last one left. Measured at full speed: 99% of the updates are HOT in
// place of 30%, at 140 bytes a row less.
func spread(next func(*importer.Line) error) func(*importer.Line) error {
	var block []importer.Line
	var at, left int // in the block: the last line handed out, and how many are to come
	var end error
	return func(l *importer.Line) error {
		if left == 0 {
			if end != nil {
				return end
			}
			block, end = readBlock(next, block[:0])
			if len(block) == 0 {
				return end
			}
			at, left = -partOf(block), len(block)
		}
		at = after(at, partOf(block), len(block))
		left--
		*l = block[at]
		block[at] = importer.Line{}
		return nil
	}
}

// partOf is how many lines a part has.
func partOf(block []importer.Line) int { return (len(block) + spreadParts - 1) / spreadParts }

// after is the line handed out after the one at: in the next part, or in the
// first part again.
func after(at, part, lines int) int {
	if at += part; at < lines {
		return at
	}
	return at%part + 1
}

// readBlock reads lines until there are enough or next ends; an error of next
// is the end that follows them.
func readBlock(next func(*importer.Line) error, block []importer.Line) ([]importer.Line, error) {
	bytes := 0
	for len(block) < spreadLines && bytes < spreadBytes {
		var l importer.Line
		if err := next(&l); err != nil {
			return block, err
		}
		l.Raw = slices.Clone(l.Raw) // it is valid only until the next line is read
		bytes += len(l.Raw) + len(l.Relation.First) + len(l.Relation.Second)
		block = append(block, l)
	}
	return block, nil
}
