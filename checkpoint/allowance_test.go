package checkpoint_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"relink/checkpoint"
	"relink/importer"
)

// What was recorded last is what the next run finds, of its own target alone.
func TestAllowances(t *testing.T) {
	ctx := context.Background()
	dsn := newDatabase(t)
	s, other := open(t, dsn, "target"), open(t, dsn, "other")
	at := func(location string) importer.Line {
		return importer.Line{Relation: importer.Relation{Location: location, Association: "assoc", First: "a", Second: "b"}}
	}
	load(t, s, at("one"), at("two"), at("three"))
	if got, err := s.Allowances(ctx); err != nil || len(got) != 0 {
		t.Fatalf("got %v, %v at first, want nothing", got, err)
	}
	id := func(location string) int64 {
		return query[int64](t, dsn, `SELECT id::bigint FROM relink.lane WHERE location = $1`, location)
	}
	reset := time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)
	one := checkpoint.Allowance{
		Lane: id("one"), Location: "one", Open: true, Max: 25, Interval: 10 * time.Second, Span: 10 * time.Second, InFlight: 3,
		Ended: []int32{1, 2, 3}, DailyLimit: 200_000, DailyRemaining: 0, DailyReset: reset,
	}
	two := checkpoint.Allowance{Lane: id("two"), Location: "two", Ended: []int32{0, 0, 4}, DailyRemaining: -1, DailyReset: time.Time{}}
	old := one
	old.Ended = []int32{9, 9, 9}
	for _, some := range [][]checkpoint.Allowance{{old}, {one, two}} {
		if err := s.Record(ctx, some...); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.Record(ctx, old); err != nil {
		t.Fatal(err)
	}
	exec(t, dsn, `UPDATE relink.allowance SET recorded_at = recorded_at - interval '1 hour' WHERE lane = $1`, one.Lane)

	got, err := s.Allowances(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if age := got[one.Lane].Age; age < time.Hour || age > time.Hour+time.Minute {
		t.Errorf("got an age of %v, want an hour", age)
	}
	want := map[int64]checkpoint.Allowance{one.Lane: one, two.Lane: two}
	for lane, a := range got {
		a.Age, a.DailyReset = 0, a.DailyReset.UTC()
		if !reflect.DeepEqual(a, want[lane]) {
			t.Errorf("got  %+v\nwant %+v", a, want[lane])
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d lanes, want %d", len(got), len(want))
	}
	if got, err := s.Allowances(ctx, two.Lane); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v for one lane, want that one", got, err)
	}
	if got, err := other.Allowances(ctx); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v for another target, want nothing", got, err)
	}
	if err := s.Forget(ctx); err != nil {
		t.Errorf("forgetting a target with allowances: %v", err)
	}
}
