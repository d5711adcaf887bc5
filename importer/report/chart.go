package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"
)

// The charts are drawn by hand. The library that is kept well (gonum/plot)
// writes its colours, its white ground and its size in points into every shape,
// so that its pictures neither turn dark nor shrink to a phone with legible
// labels, and it makes the program some 8 MB larger. Here the picture has only
// shapes, with classes that the page's style colours, and is stretched to any
// width; its labels are text of the page.

// A Chart is a picture and the labels around it.
type Chart struct {
	SVG        template.HTML // numbers and class names of ours only
	Top        string        // what the upper edge stands for
	From, To   string
	Each       string // what a bar stands for
	HasAllowed bool
}

const (
	chartWidth  = 1000
	chartHeight = 200
	mostBars    = 120
)

// A bar is what runs did in one step of time.
type bar struct {
	parts   [5]float64 // made, existing, failed, undone, other calls
	allowed float64
}

var barClasses = [5]string{"created", "existing", "failed", "undone", "other"}

// Chart draws calls over time by what came of them, with what was allowed.
func (p Page) Chart() *Chart {
	if len(p.Minutes) == 0 {
		return nil
	}
	first := p.Minutes[0].At.Truncate(time.Minute)
	last := p.Minutes[len(p.Minutes)-1].At.Truncate(time.Minute)
	step := max(1, int(math.Ceil(float64(last.Sub(first)/time.Minute+1)/mostBars)))
	bars := make([]bar, int(last.Sub(first)/time.Minute)/step+1)
	for _, m := range p.Minutes {
		b := &bars[int(m.At.Sub(first)/time.Minute)/step]
		c := m.Counts
		other := max(0, c.Sent-c.Created-c.Existing-c.Failed-c.Undone)
		for i, n := range [5]int64{c.Created, c.Existing, c.Failed, c.Undone, other} {
			b.parts[i] += float64(n)
		}
		b.allowed += m.Allowed
	}
	top, allowed := 1.0, false
	for _, b := range bars {
		total := 0.0
		for _, n := range b.parts {
			total += n
		}
		top = max(top, total, b.allowed)
		allowed = allowed || b.allowed > 0
	}
	each := "a minute"
	if step > 1 {
		each = fmt.Sprintf("%d minutes", step)
	}
	return &Chart{
		SVG: drawBars(bars, top), Top: Number(int64(math.Ceil(top))), Each: each, HasAllowed: allowed,
		From: first.UTC().Format("2 Jan 15:04"), To: last.UTC().Add(time.Duration(step) * time.Minute).Format("2 Jan 15:04"),
	}
}

func drawBars(bars []bar, top float64) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" preserveAspectRatio="none" role="img" aria-label="calls over time">`, chartWidth, chartHeight)
	for i := 1; i < 4; i++ {
		fmt.Fprintf(&b, `<line class="grid" x1="0" x2="%d" y1="%d" y2="%d"/>`, chartWidth, i*chartHeight/4, i*chartHeight/4)
	}
	width := float64(chartWidth) / float64(len(bars))
	thick := min(width*0.86, 120) // a run of a minute is no wall
	for i, bar := range bars {
		x, y := float64(i)*width+(width-thick)/2, float64(chartHeight)
		for part, n := range bar.parts {
			if n <= 0 {
				continue
			}
			h := n / top * chartHeight
			y -= h
			fmt.Fprintf(&b, `<rect class="%s" x="%.2f" y="%.2f" width="%.2f" height="%.2f"/>`, barClasses[part], x, y, thick, h)
		}
	}
	for i, bar := range bars {
		if bar.allowed > 0 {
			y := chartHeight - bar.allowed/top*chartHeight
			fmt.Fprintf(&b, `<line class="allowed" x1="%.2f" x2="%.2f" y1="%.2f" y2="%.2f"/>`, float64(i)*width, float64(i+1)*width, y, y)
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// Line draws the runs on one line of time, so that the gaps between a stop and
// the next start are seen.
func (p Page) Line() *Chart {
	if len(p.Runs) < 2 {
		return nil
	}
	first, last := p.Runs[0].Started, p.Runs[0].Seen
	for _, r := range p.Runs {
		if r.Seen.After(last) {
			last = r.Seen
		}
	}
	span := max(last.Sub(first).Seconds(), 1)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="line" viewBox="0 0 %d 24" preserveAspectRatio="none" role="img" aria-label="the runs over time">`, chartWidth)
	for _, r := range p.Runs {
		class := "stopped"
		switch {
		case !r.Ended:
			class = "killed"
		case r.Exit == 0 || r.Exit == 3 && r.Stopped == "":
			class = "created"
		}
		x := r.Started.Sub(first).Seconds() / span * chartWidth
		fmt.Fprintf(&b, `<rect class="%s" x="%.2f" y="2" width="%.2f" height="20"/>`, class, min(x, chartWidth-3), max(r.Took().Seconds()/span*chartWidth, 3))
	}
	b.WriteString(`</svg>`)
	return &Chart{SVG: template.HTML(b.String()), From: first.UTC().Format("2 Jan 15:04"), To: last.UTC().Format("2 Jan 15:04")}
}

// Share draws the books of the page as one bar.
func (p Page) Share() template.HTML {
	books := p.Books()
	if books.Rows == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="share" viewBox="0 0 %d 10" preserveAspectRatio="none" role="img" aria-label="the books">`, chartWidth)
	x := 0.0
	for _, part := range p.Parts() {
		w := float64(part.N) / float64(books.Rows) * chartWidth
		fmt.Fprintf(&b, `<rect class="%s" x="%.2f" y="0" width="%.2f" height="10"/>`, part.Class, x, w)
		x += w
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// A Part of the books. They add up to the rows.
type Part struct {
	Class, Name string
	N           int64
}

// Parts are those of the books that are not empty.
func (p Page) Parts() (parts []Part) {
	b := p.Books()
	for _, part := range []Part{
		{"created", "created", b.Created}, {"existing", "existing: there already", b.Existing}, {"failed", "failed", b.Failed},
		{"undone", "undone: created and deleted again", b.Undone}, {"left", "left to send", b.Pending},
		{"doubt", "in doubt: sent again first", b.Sending}, {"repeated", "repeated: the pair stands in an earlier line", b.Repeated},
		{"rejected", "rejected: the line names no pair", b.Rejected},
	} {
		if part.N > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}
