package report

import (
	"strings"
	"testing"
)

func TestCanvas(t *testing.T) {
	g, c := newGlass(t, 20)
	show := func(want ...string) {
		t.Helper()
		if got := g.String(); got != strings.Join(want, "\n") {
			t.Errorf("the screen shows\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
	}
	c.above("plan\n")
	show("plan")
	c.draw([]string{"1% [>   ]", "1 created"})
	show("plan", "1% [>   ]", "1 created")
	c.draw([]string{"2% [=> ]", "2"})
	show("plan", "2% [=> ]", "2")
	c.above("warning: held\n")
	show("plan", "warning: held", "2% [=> ]", "2")
	c.draw([]string{"3%", "3", "held until 12:03"})
	show("plan", "warning: held", "3%", "3", "held until 12:03")
	c.draw([]string{"4%"})
	show("plan", "warning: held", "4%")
	c.above("a line that is longer than the screen\n")
	show("plan", "warning: held", "a line that is longe", "r than the screen", "4%")
	c.clear()
	c.clear()
	c.above("done\n")
	show("plan", "warning: held", "a line that is longe", "r than the screen", "done")
}

func TestCanvasWritesOnceEach(t *testing.T) {
	g, c := newGlass(t, 20)
	c.draw([]string{"one", "two"})
	c.above("line\n")
	c.draw([]string{"one", "two"})
	c.clear()
	if g.writes != 4 {
		t.Errorf("4 calls made %d writes: a half-drawn state can be seen", g.writes)
	}
}

func TestCanvasInAWindowThatIsResized(t *testing.T) {
	g, c := newGlass(t, 100)
	log := strings.Repeat("a long line ", 12)
	c.above("plan\n")
	c.above(log + "\n")
	for _, width := range []int{100, 70, 45, 30, 45, 160, 30, 20, 100} {
		g.resize(width)
		lines := []string{strings.Repeat("b", width-1), strings.Repeat("c", min(width-1, 60))}
		for range 3 {
			c.draw(lines)
		}
		g.resize(width) // ties and all
		if !strings.HasSuffix(g.String(), "\n"+strings.Join(lines, "\n")) || strings.Count(g.String(), "b") != width-1 {
			t.Fatalf("at %d columns the screen shows\n%s", width, g)
		}
	}
	c.clear()
	g.resize(200)
	if got, want := g.String(), "plan\n"+strings.TrimSpace(log); got != want {
		t.Errorf("at the end the screen shows\n%s\nwant\n%s", got, want)
	}
}
