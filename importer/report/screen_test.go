package report

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestLinesOfManyGoroutinesStayWhole(t *testing.T) {
	g, c := newGlass(t, 80)
	s := newScreen(g, c.width, Output{})
	s.terminal = true
	var wait sync.WaitGroup
	var want []string
	for i := range 20 {
		for j := range 20 {
			want = append(want, fmt.Sprintf("line %02d of %02d", j, i))
		}
		wait.Go(func() {
			for j := range 20 {
				s.run(func(c *canvas) { c.draw([]string{fmt.Sprintf("bar %d", i), "second line"}) })
				s.Print(fmt.Sprintf("line %02d of %02d", j, i))
			}
		})
	}
	wait.Wait()
	s.Close()
	got := strings.Split(g.String(), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the screen shows\n%s", g)
	}
}

func TestScreenAfterClose(t *testing.T) {
	g, c := newGlass(t, 80)
	s := newScreen(g, c.width, Output{})
	s.run(func(c *canvas) { c.draw([]string{"bar"}) })
	s.Close()
	s.Close()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { s.Print("late") })
	}
	wait.Wait()
	s.Print("")
	if got, want := g.String(), "late\nlate\nlate\nlate"; got != want {
		t.Errorf("the screen shows %q, want %q", got, want)
	}
}
