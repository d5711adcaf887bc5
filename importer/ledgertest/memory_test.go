package ledgertest

import "testing"

func TestMemory(t *testing.T) {
	Run(t, func(t *testing.T) Store {
		m := NewMemory()
		t.Cleanup(func() {
			for _, breach := range m.Breaches() {
				t.Error(breach)
			}
		})
		return m
	})
}
