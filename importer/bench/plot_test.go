package bench

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// A point is what a number of rows cost.
type point struct {
	rows   int
	speed  float64 // rows a second, drained
	memory float64 // MB of relink at its peak
	bytes  float64 // of the ledger, a row
}

const (
	panelWidth  = 250.0
	panelHeight = 150.0
	margin      = 56.0 // left of a panel, for its axis; the right edge of all takes half
)

// plot draws three panels side by side, rows on a logarithmic axis. The colours
// are readable on light and dark pages alike: 4.5 and 4.2 to 1.
func plot(points []point) []byte {
	var out strings.Builder
	const above, below = 36.0, 44.0
	width, height := 3*(panelWidth+margin)+margin/2, panelHeight+above+below
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" font-family="sans-serif" font-size="11" fill="#777">`+"\n", width, height)
	out.WriteString("<title>What a number of rows costs: speed, memory, size of the ledger</title>\n")
	for i, panel := range []struct {
		title string
		value func(point) float64
	}{
		{"drained, rows/s", func(p point) float64 { return p.speed }},
		{"memory at its peak, MB", func(p point) float64 { return p.memory }},
		{"ledger, bytes a row", func(p point) float64 { return p.bytes }},
	} {
		fmt.Fprintf(&out, `<g transform="translate(%.0f %.0f)">`+"\n", margin+float64(i)*(panelWidth+margin), above)
		drawPanel(&out, panel.title, points, panel.value)
		out.WriteString("</g>\n")
	}
	out.WriteString("</svg>\n")
	return []byte(out.String())
}

func drawPanel(out *strings.Builder, title string, points []point, value func(point) float64) {
	top := 0.0
	for _, p := range points {
		top = max(top, value(p))
	}
	top = roundUp(top)
	low, high := math.Log10(float64(points[0].rows)), math.Log10(float64(points[len(points)-1].rows))
	x := func(p point) float64 {
		if high == low {
			return panelWidth / 2
		}
		return panelWidth * (math.Log10(float64(p.rows)) - low) / (high - low)
	}
	y := func(v float64) float64 { return panelHeight * (1 - v/top) }
	fmt.Fprintf(out, `<text x="0" y="-14" font-weight="bold">%s</text>`+"\n", title)
	for _, v := range []float64{0, top / 2, top} {
		fmt.Fprintf(out, `<path d="M0 %.1fH%.0f" stroke="#777" stroke-opacity=".3"/><text x="-8" y="%.1f" text-anchor="end">%s</text>`+"\n", y(v), panelWidth, y(v)+4, grouped(v))
	}
	var path, marks strings.Builder
	for i, p := range points {
		v := value(p)
		fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], x(p), y(v))
		before, after := v, v
		if i > 0 {
			before = value(points[i-1])
		}
		if i+1 < len(points) {
			after = value(points[i+1])
		}
		down, anchor := place(before, v, after)
		fmt.Fprintf(&marks, `<circle cx="%.1f" cy="%.1f" r="3" fill="#4a90d9"/>`, x(p), y(v))
		fmt.Fprintf(&marks, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x(p), y(v)+down, anchor, grouped(v))
		fmt.Fprintf(&marks, `<text x="%.1f" y="%.0f" text-anchor="middle">%s</text>`+"\n", x(p), panelHeight+18, power(p.rows))
	}
	fmt.Fprintf(out, `<path d="%s" fill="none" stroke="#4a90d9" stroke-width="1.5"/>`+"\n%s", &path, &marks)
	fmt.Fprintf(out, `<text x="%.0f" y="%.0f" text-anchor="middle">rows</text>`+"\n", panelWidth/2, panelHeight+36)
}

// place says where the figure of a point stands, so that the line that comes
// from the point before and goes on to the one after does not run through it.
// At either end of the line there is no such point and its value is v.
func place(before, v, after float64) (down float64, anchor string) {
	const over, under = -8, 16
	switch {
	case before == v && after > v:
		return under, "start"
	case before == v:
		return over, "start"
	case after == v && before > v:
		return under, "end"
	case after == v:
		return over, "end"
	case before > v && after > v:
		return under, "middle"
	case before > v:
		return over, "start"
	case after > v:
		return over, "end"
	}
	return over, "middle"
}

// grouped is a whole number with its thousands apart.
func grouped(v float64) string {
	digits := fmt.Sprintf("%.0f", v)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// roundUp is the next of 1, 2, 3, 4, 5, 6, 8 and 10 times a power of ten.
func roundUp(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 3, 4, 5, 6, 8} {
		if v <= n*unit {
			return n * unit
		}
	}
	return 10 * unit
}

// power is a number of rows as 10³.
func power(rows int) string {
	exponent := int(math.Round(math.Log10(float64(rows))))
	return "10" + string([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[exponent])
}

func TestRoundUp(t *testing.T) {
	for v, want := range map[float64]float64{1: 1, 1.1: 2, 35: 40, 410: 500, 18_300: 20_000, 24_460: 30_000, 99: 100} {
		if got := roundUp(v); got != want {
			t.Errorf("roundUp(%v) = %v, want %v", v, got, want)
		}
	}
}

func TestPlot(t *testing.T) {
	got := string(plot([]point{{1_000, 9_000, 30, 900}, {1_000_000, 18_000, 31, 280}}))
	for _, want := range []string{"10³", "10⁶", "drained, rows/s", ">18,000<", "<path d=\"M0.0 ", "</svg>\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the plot has no %q", want)
		}
	}
}

func TestPlace(t *testing.T) {
	for _, test := range []struct {
		before, v, after, down float64
		anchor                 string
	}{
		{15, 15, 24, 16, "start"}, // the first, then up: below the line
		{549, 549, 336, -8, "start"},
		{15, 24, 20, -8, "middle"}, // a peak
		{24, 20, 22, 16, "middle"}, // a valley
		{24, 20, 14, -8, "start"},
		{23, 26, 33, -8, "end"},
		{20, 14, 14, 16, "end"}, // the last, from above
		{33, 36, 36, -8, "end"},
	} {
		if down, anchor := place(test.before, test.v, test.after); down != test.down || anchor != test.anchor {
			t.Errorf("place(%v, %v, %v) = %v %s, want %v %s", test.before, test.v, test.after, down, anchor, test.down, test.anchor)
		}
	}
}
