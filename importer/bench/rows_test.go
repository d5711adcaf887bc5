package bench

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// association is the one of every row here: 24 characters, as all columns have.
const association = "6512a8f4c3b1d27e90f4ab17"

func location(i int) string { return fmt.Sprintf("loc%021d", i) }
func first(i int) string    { return fmt.Sprintf("first%019d", i) }
func second(i int) string   { return fmt.Sprintf("%024x", i*7919) }

// writeRows writes a file of n pairs spread over so many locations.
func writeRows(t *testing.T, n, locations int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), fmt.Sprintf("rows-%d.csv", n))
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "locationId,associationId,firstRecordId,secondRecordId")
	for i := range n {
		fmt.Fprintf(w, "%s,%s,%s,%s\n", location(i%locations), association, first(i), second(i))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}
