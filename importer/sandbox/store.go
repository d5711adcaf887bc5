package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// relation is one pair, linked once.
type relation struct {
	location, association, first, second string
}

// key is what makes a relation unique: 128 bits of a hash of its four parts.
type key [16]byte

func (r relation) key() key {
	var space [256]byte
	b := space[:0]
	for _, part := range [...]string{r.location, r.association, r.first, r.second} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	sum := sha256.Sum256(b)
	return key(sum[:16])
}

// mark is what the store remembers of a pair without looking at the tape.
type mark struct {
	number uint32 // of its relation, plus one; 0: not there
	sends  uint32
}

// store holds the relations. In memory it keeps a hash and a position for each;
// the words stand on the tape, which is a file or memory.
//
// A relation's id is made of the second it was created in, the salt of the tape
// and its number, so an id is found again without an index.
type store struct {
	mu     sync.Mutex
	tape   tape
	end    int64 // where the next line goes: all before it is whole
	torn   bool  // and beyond it stands what a failed write left
	salt   uint32
	pairs  map[key]mark
	places []int64 // of each relation's line, by number
	gone   map[uint32]struct{}
	names  []string // locations and associations, which lines name by number
	nameOf map[string]uint32
	byName []int  // relations there, by the location's name
	index  *index // of records; nil until somebody asks
	buf    []byte

	created, deleted, sends, repeats int
	mostSends                        uint32
}

var errFull = errors.New("the sandbox numbers relations with 32 bits and has used them up")

// openStore reads what is on the tape and carries on behind it.
func openStore(t tape) (*store, error) {
	s := &store{tape: t}
	return s, s.replay()
}

// clear forgets everything that was ever on the tape and starts it anew.
func (s *store) clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.tape.Truncate(0); err != nil {
		return err
	}
	s.empty()
	s.created, s.deleted, s.sends, s.repeats, s.mostSends = 0, 0, 0, 0, 0
	return s.begin()
}

func (s *store) empty() {
	s.end, s.places, s.names, s.byName, s.index = 0, nil, nil, nil, nil
	s.pairs, s.gone, s.nameOf = map[key]mark{}, map[uint32]struct{}{}, map[string]uint32{}
}

func (s *store) begin() error {
	s.salt = rand.Uint32()
	return s.write(appendTitle(s.buf[:0], s.salt))
}

// create links a pair unless it is there. It counts the send. When it returns an
// id the relation is on the tape.
func (s *store) create(r relation, now time.Time) (id string, duplicate bool, err error) {
	k := r.key()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.sent(k)
	if m.number != 0 {
		return "", true, nil
	}
	if len(s.places) > 1<<31-2 { // an index edge is a number and one bit
		return "", false, errFull
	}

	b := s.buf[:0]
	fresh := len(s.names)
	location, b := s.name(b, r.location)
	association, b := s.name(b, r.association)
	place := s.end + int64(len(b))
	b = appendCreate(b, now, location, association, r)
	if err := s.write(b); err != nil {
		s.unname(fresh)
		return "", false, err
	}
	number := s.add(r, location, place)
	m.number = number + 1
	s.pairs[k] = m
	s.created++
	return formatID(now, s.salt, number), false, nil
}

// count notes a send that does not come as far as the write.
func (s *store) count(r relation) {
	k := r.key()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent(k)
}

func (s *store) sent(k key) mark {
	m := s.pairs[k]
	m.sends++
	s.pairs[k] = m
	s.sends++
	if m.number != 0 {
		s.repeats++
	}
	s.mostSends = max(s.mostSends, m.sends)
	return m
}

// remove deletes the relation with this id, if it is there and in that location.
func (s *store) remove(id, location string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, ok := parseID(id)
	if !ok || int(number) >= len(s.places) {
		return false, nil
	}
	r, err := s.row(number)
	if err != nil || r.id != id || r.location != location || s.isGone(number) {
		return false, err
	}
	if err := s.write(appendDelete(s.buf[:0], number)); err != nil {
		return false, err
	}
	s.forget(number, r.relation)
	s.deleted++
	return true, nil
}

// write puts whole lines on the tape in one write. What a failed write left is
// cut before the next one: beyond a shorter one it would be read as lines.
func (s *store) write(lines []byte) error {
	s.buf = lines[:0]
	if s.torn {
		if err := s.tape.Truncate(s.end); err != nil {
			return err
		}
	}
	_, err := s.tape.WriteAt(lines, s.end)
	if s.torn = err != nil; s.torn {
		return err
	}
	s.end += int64(len(lines))
	return nil
}

// name numbers a location or association, and appends the line that says so
// when it is new.
func (s *store) name(b []byte, name string) (uint32, []byte) {
	if n, ok := s.nameOf[name]; ok {
		return n, b
	}
	return s.addName(name), appendName(b, name)
}

func (s *store) addName(name string) uint32 {
	n := uint32(len(s.names))
	s.names = append(s.names, name)
	s.byName = append(s.byName, 0)
	s.nameOf[name] = n
	return n
}

// unname takes back names whose line could not be written.
func (s *store) unname(from int) {
	for _, name := range s.names[from:] {
		delete(s.nameOf, name)
	}
	s.names, s.byName = s.names[:from], s.byName[:from]
}

func (s *store) add(r relation, location uint32, place int64) uint32 {
	number := uint32(len(s.places))
	s.places = append(s.places, place)
	s.byName[location]++
	if s.index != nil {
		s.index.add(number, r)
	}
	return number
}

func (s *store) forget(number uint32, r relation) {
	s.gone[number] = struct{}{}
	s.byName[s.nameOf[r.location]]--
	k := r.key()
	m := s.pairs[k]
	m.number = 0
	s.pairs[k] = m
}

func (s *store) isGone(number uint32) bool {
	_, gone := s.gone[number]
	return gone
}
