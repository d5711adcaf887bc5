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
	margin      = 46.0
)

// plot draws three panels side by side, rows on a logarithmic axis. The colours
// are readable on light and dark pages alike.
func plot(points []point) []byte {
	var out strings.Builder
	width, height := 3*(panelWidth+margin)+margin, panelHeight+2*margin
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="11" fill="#888">`+"\n", width, height)
	for i, panel := range []struct {
		title string
		value func(point) float64
	}{
		{"drained, rows/s", func(p point) float64 { return p.speed }},
		{"memory at its peak, MB", func(p point) float64 { return p.memory }},
		{"ledger, bytes a row", func(p point) float64 { return p.bytes }},
	} {
		fmt.Fprintf(&out, `<g transform="translate(%.0f %.0f)">`+"\n", margin+float64(i)*(panelWidth+margin), margin)
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
		fmt.Fprintf(out, `<path d="M0 %.1fH%.0f" stroke="#888" stroke-opacity=".3"/><text x="-6" y="%.1f" text-anchor="end">%g</text>`+"\n", y(v), panelWidth, y(v)+4, v)
	}
	var path strings.Builder
	for i, p := range points {
		fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], x(p), y(value(p)))
		fmt.Fprintf(out, `<circle cx="%.1f" cy="%.1f" r="3" fill="#4a90d9"/>`, x(p), y(value(p)))
		fmt.Fprintf(out, `<text x="%.1f" y="%.0f" text-anchor="middle">%s</text>`+"\n", x(p), panelHeight+18, power(p.rows))
	}
	fmt.Fprintf(out, `<path d="%s" fill="none" stroke="#4a90d9" stroke-width="1.5"/>`+"\n", &path)
	fmt.Fprintf(out, `<text x="%.0f" y="%.0f" text-anchor="middle">rows</text>`+"\n", panelWidth/2, panelHeight+36)
}

// roundUp is the next of 1, 2, 4, 5, 6, 8 and 10 times a power of ten.
func roundUp(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 4, 5, 6, 8} {
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
	for v, want := range map[float64]float64{1: 1, 1.1: 2, 35: 40, 410: 500, 18_300: 20_000, 99: 100} {
		if got := roundUp(v); got != want {
			t.Errorf("roundUp(%v) = %v, want %v", v, got, want)
		}
	}
}

func TestPlot(t *testing.T) {
	got := string(plot([]point{{1_000, 9_000, 30, 900}, {1_000_000, 18_000, 31, 280}}))
	for _, want := range []string{"10³", "10⁶", "drained, rows/s", "<path d=\"M0.0 ", "</svg>\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the plot has no %q", want)
		}
	}
}
