package report

import (
	"fmt"
	"io"
	"strings"
)

// A canvas is the foot of a terminal: a few lines that are drawn over again in
// place, with everything else scrolling by above them. Each method makes one
// Write, so nobody ever sees a half-drawn state. Only the goroutine that owns
// the terminal touches it.
type canvas struct {
	out   io.Writer
	width func() int
	drawn []string // the lines that stand there now
	shown int      // the width at which they were drawn
}

// draw puts lines in place of those that stand there.
func (c *canvas) draw(lines []string) {
	var b strings.Builder
	resized := c.shown != c.width()
	c.home(&b)
	if resized {
		// Rows that the terminal wrapped anew stay tied together for it when
		// they are written over, and it miscounts them at the next resize.
		b.WriteString(eraseBelow)
	}
	c.put(&b, lines)
	io.WriteString(c.out, b.String())
}

// above prints text, which ends in a newline, over the lines.
func (c *canvas) above(text string) {
	if len(c.drawn) == 0 {
		io.WriteString(c.out, text)
		return
	}
	var b strings.Builder
	lines := c.drawn
	c.home(&b)
	b.WriteString(eraseBelow)
	b.WriteString(text)
	c.put(&b, lines)
	io.WriteString(c.out, b.String())
}

// clear takes the lines away.
func (c *canvas) clear() {
	if len(c.drawn) == 0 {
		return
	}
	var b strings.Builder
	c.home(&b)
	b.WriteString(eraseBelow)
	io.WriteString(c.out, b.String())
}

const (
	eraseRight = "\x1b[K"
	eraseBelow = "\x1b[J"
)

// home moves to the beginning of the first drawn line. After the window was
// made narrower, a line may stand on several rows.
func (c *canvas) home(b *strings.Builder) {
	up := len(c.drawn) - 1
	if width := c.width(); width > 0 {
		for _, line := range c.drawn {
			up += max(0, cells(line)-1) / width
		}
	}
	if up > 0 {
		fmt.Fprintf(b, "\x1b[%dA", up)
	}
	if len(c.drawn) > 0 {
		b.WriteByte('\r')
	}
	c.drawn = nil
}

// put writes the lines over what was there and erases what is left of it only
// afterwards: erasing first is what makes a bar flicker.
func (c *canvas) put(b *strings.Builder, lines []string) {
	for i, line := range lines {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(line)
		b.WriteString(eraseRight)
	}
	b.WriteString(eraseBelow)
	c.drawn, c.shown = lines, c.width()
}
