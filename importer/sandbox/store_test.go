package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestFolderIsTakenUpAgain(t *testing.T) {
	dir := t.TempDir()
	config := Config{Dir: dir, Limit: Limit{Max: -1, Daily: 100}}
	s := start(t, config)
	for i := range 10 {
		s.create("L", fmt.Sprint("r", i), "b\t\\\n\"é").want(t, 201)
	}
	s.create("M", "r0", "b").want(t, 201)
	before := s.stored("")
	s.do("DELETE", create+"/"+before[3][4]+"?locationId=L", "").want(t, 200)
	s.do("POST", "/_sandbox/clock?advance=48h", "").want(t, 200)
	s.create("M", "today", "b").want(t, 201)
	before = s.stored("")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = start(t, config)
	if got := s.stored(""); !reflect.DeepEqual(got, before) {
		t.Errorf("got  %v\nwant %v", got, before)
	}
	s.create("L", "r1", "b\t\\\n\"é").want(t, 400, "duplicate")
	s.create("L", "r3", "b\t\\\n\"é").want(t, 201) // it had been deleted
	s.do("DELETE", create+"/"+before[0][4]+"?locationId=L", "").want(t, 200)
	got := s.create("M", "more", "b")
	got.want(t, 201)
	if left := got.header.Get("X-RateLimit-Daily-Remaining"); left != "98" {
		t.Errorf("got %s left of the day, want 98: one was spent before, on the day the clock was moved to", left)
	}
	if stats := s.Stats(); stats.Relations != 12 || stats.Locations["M"].Relations != 3 || stats.Created != 2 || stats.RepeatSends != 1 {
		t.Errorf("got %+v", stats)
	}
}

func TestTornLastLineIsCut(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{Dir: dir, Limit: free})
	s.create("L", "a", "b").want(t, 201)
	s.create("L", "c", "d").want(t, 201)
	want := s.stored("")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "relations.log")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for cut := range len(whole) {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := New(Config{Dir: dir, Limit: free})
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if left, err := os.ReadFile(path); err != nil || !bytes.HasSuffix(left, []byte("\n")) {
			t.Errorf("cut at %d: the log is left as %q", cut, left)
		}
		st := &stand{Server: s, t: t}
		rows, _, err := st.store.rows(0, 9)
		if err != nil || cut >= last && (len(rows) != 1 || rows[0].id != want[0][4]) {
			t.Errorf("cut at %d: got %v (%v)", cut, rows, err)
		}
		if got := send(s, "L", "c2").Code; got != 201 {
			t.Errorf("cut at %d: got %d for the next create", cut, got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s, err = New(Config{Dir: dir, Limit: free})
		if err != nil {
			t.Fatalf("cut at %d, second start: %v", cut, err)
		}
		if got := s.Stats().Relations; got != len(rows)+1 {
			t.Errorf("cut at %d: got %d relations after the second start, want %d", cut, got, len(rows)+1)
		}
		s.Close()
	}
}

func TestDamagedLogIsRefused(t *testing.T) {
	for _, text := range []string{"something else\n", "relink-sandbox\t1\t1\n+\tx\n", "relink-sandbox\t1\t1\n+\t1\t0\t0\ta\tb\n",
		"relink-sandbox\t1\t1\n-\t0\n", "relink-sandbox\t1\t1\nrelink-sandbox\t1\t1\n", "=\tL\n", "relink-sandbox\t2\t1\n"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "relations.log"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a refusal lets the folder go
			if _, err := New(Config{Dir: dir}); !errors.Is(err, errDamaged) || !strings.Contains(err.Error(), dir) {
				t.Errorf("%q: got %v, want that the log is damaged, and where", text, err)
			}
		}
		if got, err := os.ReadFile(filepath.Join(dir, "relations.log")); err != nil || string(got) != text {
			t.Errorf("%q: it was changed to %q", text, got)
		}
	}
}

func TestSecondServerOnAFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := mustNew(t, Config{Dir: dir})
	if _, err := New(Config{Dir: dir}); !errors.Is(err, errBusy) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want that another holds %s", err, dir)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.kept:
	default:
		t.Error("Close left the keeping of the day behind")
	}
	again, err := New(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

// brokenTape fails its next writes at their last byte.
type brokenTape struct {
	memoryTape
	fail int
}

var errDisk = errors.New("the disk is full")

func (b *brokenTape) WriteAt(p []byte, off int64) (int, error) {
	if b.fail--; b.fail >= 0 {
		n, _ := b.memoryTape.WriteAt(p[:len(p)-1], off)
		return n, errDisk
	}
	return b.memoryTape.WriteAt(p, off)
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	tape := &brokenTape{}
	s, err := openStore(tape)
	if err != nil {
		t.Fatal(err)
	}
	r := relation{"a-long-location", "as", "a", "b"}
	tape.fail = 1
	if _, _, err := s.create(r, time.Now()); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want that the disk is full", err)
	}
	id, duplicate, err := s.create(r, time.Now())
	if err != nil || duplicate || id == "" {
		t.Fatalf("second try: got %q, %v, %v", id, duplicate, err)
	}
	tape.fail = 1
	if ok, err := s.remove(id, r.location); ok || !errors.Is(err, errDisk) {
		t.Errorf("got %v, %v, want that the disk is full", ok, err)
	}
	// The names of a failed create are whole lines, longer than the delete after it.
	tape.fail = 1
	if _, _, err := s.create(relation{strings.Repeat("x", 99), "other", "a", "b"}, time.Now()); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want that the disk is full", err)
	}
	if id, _, err := s.create(relation{"a-long-location", "as", "c", "d"}, time.Now()); err != nil {
		t.Error(err)
	} else if ok, err := s.remove(id, r.location); !ok || err != nil {
		t.Errorf("got %v, %v, want it gone", ok, err)
	}
	back, err := openStore(&tape.memoryTape)
	if err != nil {
		t.Fatal(err)
	}
	if rows, _, err := back.rows(0, 9); err != nil || len(rows) != 1 || rows[0].relation != r || rows[0].id != id {
		t.Errorf("read again: got %v, %v", rows, err)
	}
}

func TestLongFieldsAndManyPieces(t *testing.T) {
	s, err := openStore(&memoryTape{})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 70_000) // longer than the reader's buffer
	const n = 40                        // more than one piece of memory
	for i := range n {
		if _, _, err := s.create(relation{"L", "as", fmt.Sprint(i), long}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	page, total, err := s.list(query{location: "L", record: long, skip: n - 1, limit: 9, before: time.Now()})
	if err != nil || total != n || len(page) != 1 || page[0].first != "39" {
		t.Errorf("got %d of %d, %v", len(page), total, err)
	}
	if err := s.replay(); err != nil || len(s.places) != n {
		t.Errorf("read again: got %d, %v", len(s.places), err)
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a", "b\t", "\\t\\\n")
	f.Fuzz(func(t *testing.T, location, first, second string) {
		s, err := openStore(&memoryTape{})
		if err != nil {
			t.Fatal(err)
		}
		r := relation{location, "as", first, second}
		if _, _, err := s.create(r, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := s.replay(); err != nil {
			t.Fatal(err)
		}
		if got, err := s.row(0); err != nil || got.relation != r {
			t.Errorf("got %q (%v), want %q", got.relation, err, r)
		}
	})
}
