package report

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
)

// An Output is how much a person wants to read, and in which form.
type Output struct {
	Quiet   bool // warnings and errors only: no plan, no bar, no progress
	Verbose bool // one line a request as well
	JSON    bool // log lines as JSON, for machines; then there is no bar
}

// A Screen owns standard error from NewScreen to Close. What is printed, logged
// and drawn through it by many goroutines reaches the terminal by one.
type Screen struct {
	output   Output
	terminal bool
	canvas   canvas // touched by the owner alone, by nobody's but late's after Close
	log      *slog.Logger

	work chan job
	stop chan struct{}
	gone chan struct{} // the owner has ended
	once sync.Once
	late sync.Mutex
}

// A job is one thing to do with the terminal.
type job struct {
	do   func(*canvas)
	done chan<- struct{}
}

// NewScreen takes over stderr. Whoever calls it calls Close.
func NewScreen(stderr *os.File, output Output) *Screen {
	s := newScreen(stderr, func() int { return Width(stderr) }, output)
	s.terminal = IsTerminal(stderr)
	return s
}

func newScreen(out io.Writer, width func() int, output Output) *Screen {
	s := &Screen{
		output: output,
		canvas: canvas{out: out, width: width},
		work:   make(chan job),
		stop:   make(chan struct{}),
		gone:   make(chan struct{}),
	}
	s.log = slog.New(s.handler())
	go s.own()
	return s
}

// Log is the logger whose lines appear above the bar.
func (s *Screen) Log() *slog.Logger { return s.log }

// Width is how many columns there are to write on, 0 for no bound.
func (s *Screen) Width() int {
	if !s.terminal {
		return 0
	}
	return s.canvas.width()
}

// Print writes a text of one or more lines above the bar, whatever the Output.
// It is there when Print returns.
func (s *Screen) Print(text string) {
	if text == "" {
		return
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	s.run(func(c *canvas) { c.above(text) })
}

// Close takes the bar away and gives the terminal back. What is printed or
// logged afterwards is still written.
func (s *Screen) Close() {
	s.run(func(c *canvas) { c.clear() })
	s.once.Do(func() { close(s.stop) })
	<-s.gone
}

func (s *Screen) own() {
	defer close(s.gone)
	for {
		select {
		case j := <-s.work:
			j.do(&s.canvas)
			j.done <- struct{}{}
		case <-s.stop:
			return
		}
	}
}

// run has the owner do it and waits: a warning must stand on the terminal
// before the program that gave it can end.
func (s *Screen) run(do func(*canvas)) {
	done := make(chan struct{}, 1)
	select {
	case s.work <- job{do: do, done: done}:
		<-done
	case <-s.gone:
		s.late.Lock()
		defer s.late.Unlock()
		do(&s.canvas)
	}
}
