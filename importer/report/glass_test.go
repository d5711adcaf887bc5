package report

import (
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A glass is a terminal of a given width that wraps what is too long, wraps it
// anew when it is resized, and scrolls for ever. It understands what a canvas
// writes and fails on anything else.
type glass struct {
	t *testing.T

	mu       sync.Mutex
	width    int
	rows     []glassRow
	row, col int
	writes   int
	wrapped  bool // something was too long
}

// A glassRow that is tied goes on in the next row. As in tmux, writing over it
// does not untie it, erasing it from its first column does.
type glassRow struct {
	text []rune
	tied bool
}

func newGlass(t *testing.T, width int) (*glass, *canvas) {
	g := &glass{t: t, width: width, rows: make([]glassRow, 1)}
	return g, &canvas{out: g, width: g.columns}
}

func (g *glass) columns() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.width
}

func (g *glass) resize(width int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var lines [][]rune
	going := false
	for _, row := range g.rows {
		if going {
			lines[len(lines)-1] = append(lines[len(lines)-1], row.text...)
		} else {
			lines = append(lines, row.text)
		}
		going = row.tied
	}
	g.rows, g.width = nil, width
	for _, line := range lines {
		for len(line) > width {
			g.rows = append(g.rows, glassRow{line[:width:width], true})
			line = line[width:]
		}
		g.rows = append(g.rows, glassRow{text: line})
	}
	g.row = len(g.rows) - 1
	g.col = len(g.rows[g.row].text)
}

func (g *glass) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.writes
}

func (g *glass) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writes++
	text := []rune(string(p))
	for i := 0; i < len(text); i++ {
		if text[i] != '\x1b' {
			g.put(text[i])
			continue
		}
		start := i + len("\x1b[")
		for i = start; text[i] < '@'; i++ {
		}
		g.sequence(string(text[start:i]), text[i])
	}
	return len(p), nil
}

func (g *glass) sequence(argument string, final rune) {
	row := &g.rows[g.row]
	switch final {
	case 'A':
		n, err := strconv.Atoi(argument)
		if err != nil || n > g.row {
			g.t.Errorf("cannot move up by %q from row %d", argument, g.row)
			n = 0
		}
		g.row -= n
	case 'K', 'J':
		row.text = row.text[:min(g.col, len(row.text))]
		row.tied = row.tied && g.col > 0
		if final == 'J' {
			g.rows = g.rows[:g.row+1]
		}
	default:
		g.t.Errorf("unknown sequence %q %q", argument, final)
	}
}

func (g *glass) put(r rune) {
	switch {
	case r == '\r':
		g.col = 0
	case r == '\n':
		g.down()
	case r < ' ':
		g.t.Errorf("control character %q", r)
	default:
		if g.col == g.width {
			g.wrapped, g.rows[g.row].tied = true, true
			g.down()
		}
		row := &g.rows[g.row]
		for len(row.text) <= g.col {
			row.text = append(row.text, ' ')
		}
		row.text[g.col] = r
		g.col++
	}
}

func (g *glass) down() {
	if g.row, g.col = g.row+1, 0; g.row == len(g.rows) {
		g.rows = append(g.rows, glassRow{})
	}
}

func (g *glass) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var b strings.Builder
	for _, row := range g.rows {
		b.WriteString(strings.TrimRight(string(row.text), " "))
		b.WriteByte('\n')
	}
	return strings.TrimRight(b.String(), "\n")
}
