package source

import (
	"bufio"
	"cmp"
	bits "encoding/binary"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"slices"

	"relink/importer"
)

// Pairs finds the pairs that stand in several lines of several files, in memory
// that does not grow with them: each line leaves a fingerprint of 16 bytes in
// one of many temporary files, and each of these is small enough to be sorted.
//
// A fingerprint is a hash of 64 bits. Among ten million pairs the chance that
// two different ones are taken for one is about three in a million, so Pairs is
// for telling people, not for deciding what is sent.
type Pairs struct {
	// Most bounds how many Twins of each kind are kept, the first ones;
	// 0 keeps none.
	Most int

	folder string
	seed   maphash.Seed
	parts  [pairParts]*bufio.Writer
	files  [pairParts]*os.File
	hash   maphash.Hash
}

// pairParts is how many temporary files there are: 10 million lines make
// 160 MB, and a file of them 640 kB.
const pairParts = 256

// A Twin is a line whose pair stands in an earlier one.
type Twin struct {
	File, Line           int
	EarlierFile, Earlier int
}

// Found is what Pairs found.
type Found struct {
	Distinct []int64 // pairs, each counted once, by place: see Add
	Repeated []int64 // lines that repeat a pair, by file
	Reversed int64   // pairs that stand there the other way round too
	Repeats  []Twin  // the first repeated lines
	Reverses []Twin  // the first lines that have the ids of an earlier one the other way round
}

// NewPairs makes the temporary files in a folder of their own. Close removes
// them.
func NewPairs(most int) (*Pairs, error) {
	folder, err := os.MkdirTemp("", "relink-check-")
	if err != nil {
		return nil, fmt.Errorf("making room for the check: %w", err)
	}
	p := &Pairs{Most: most, folder: folder, seed: maphash.MakeSeed()}
	p.hash.SetSeed(p.seed)
	for i := range p.parts {
		f, err := os.Create(filepath.Join(folder, fmt.Sprintf("part%03d", i)))
		if err != nil {
			p.Close()
			return nil, fmt.Errorf("making room for the check: %w", err)
		}
		p.files[i], p.parts[i] = f, bufio.NewWriterSize(f, 8<<10)
	}
	return p, nil
}

// Close removes the temporary files.
func (p *Pairs) Close() {
	for _, f := range p.files {
		if f != nil {
			f.Close()
		}
	}
	os.RemoveAll(p.folder)
}

// A print is the fingerprint of one line. Its key is the same for both
// directions of a pair.
type print struct {
	key      uint64
	line     uint32
	file     uint16
	place    uint16
	backward bool // the greater id comes first
}

// backwardBit stands with the file where a print is written.
const backwardBit = 1 << 15

// Add notes the pair of one line. file counts the files, below 32768; place is
// any number below 65536 by which Found counts: the location's.
func (p *Pairs) Add(file, place, line int, r *importer.Relation) error {
	low, high, mark := r.First, r.Second, uint16(0)
	if low > high {
		low, high, mark = high, low, backwardBit
	}
	h := &p.hash
	h.Reset()
	for _, s := range [...]string{r.Location, r.Association, low, high} {
		h.WriteString(s)
		h.WriteByte(0) // no id holds one
	}
	key := h.Sum64()
	var record [16]byte
	bits.LittleEndian.PutUint64(record[:], key)
	bits.LittleEndian.PutUint32(record[8:], uint32(line))
	bits.LittleEndian.PutUint16(record[12:], uint16(file)|mark)
	bits.LittleEndian.PutUint16(record[14:], uint16(place))
	if _, err := p.parts[key>>56].Write(record[:]); err != nil {
		return fmt.Errorf("writing the check's notes: %w", err)
	}
	return nil
}

// Find looks for twins among all lines added, of so many files and places.
func (p *Pairs) Find(files, places int) (*Found, error) {
	found := &Found{Distinct: make([]int64, places), Repeated: make([]int64, files)}
	var prints []print
	for i, part := range p.parts {
		if err := part.Flush(); err != nil {
			return nil, fmt.Errorf("writing the check's notes: %w", err)
		}
		var err error
		if prints, err = read(p.files[i], prints[:0]); err != nil {
			return nil, fmt.Errorf("reading the check's notes: %w", err)
		}
		slices.SortFunc(prints, func(a, b print) int {
			return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
		})
		p.compare(found, prints)
	}
	found.Repeats = first(found.Repeats, p.Most)
	found.Reverses = first(found.Reverses, p.Most)
	return found, nil
}

// compare goes through sorted prints, those of one key after each other.
func (p *Pairs) compare(found *Found, prints []print) {
	for len(prints) > 0 {
		n := 1
		for n < len(prints) && prints[n].key == prints[0].key {
			n++
		}
		var seen [2]*print // the first line of either direction
		for i := range prints[:n] {
			line := &prints[i]
			way, other := 0, 1
			if line.backward {
				way, other = 1, 0
			}
			if earlier := seen[way]; earlier != nil {
				found.Repeated[line.file]++
				found.Repeats = p.keep(found.Repeats, line, earlier)
				continue
			}
			seen[way] = line
			found.Distinct[line.place]++
			if earlier := seen[other]; earlier != nil {
				found.Reversed++
				found.Reverses = p.keep(found.Reverses, line, earlier)
			}
		}
		prints = prints[n:]
	}
}

// keep appends a twin, and drops the later half now and then.
func (p *Pairs) keep(twins []Twin, line, earlier *print) []Twin {
	if p.Most == 0 {
		return nil
	}
	twins = append(twins, Twin{
		File: int(line.file), Line: int(line.line), EarlierFile: int(earlier.file), Earlier: int(earlier.line),
	})
	if len(twins) >= 2*p.Most {
		twins = first(twins, p.Most)
	}
	return twins
}

// first sorts twins by where they stand and keeps so many.
func first(twins []Twin, most int) []Twin {
	slices.SortFunc(twins, func(a, b Twin) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return twins[:min(len(twins), most)]
}

// read appends the prints of a part.
func read(f *os.File, prints []print) ([]print, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(f, 64<<10)
	var record [16]byte
	for {
		if _, err := io.ReadFull(r, record[:]); err == io.EOF {
			return prints, nil
		} else if err != nil {
			return nil, err
		}
		file := bits.LittleEndian.Uint16(record[12:])
		prints = append(prints, print{
			key: bits.LittleEndian.Uint64(record[:]), line: bits.LittleEndian.Uint32(record[8:]),
			file: file &^ backwardBit, place: bits.LittleEndian.Uint16(record[14:]), backward: file&backwardBit != 0,
		})
	}
}
