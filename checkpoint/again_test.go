package checkpoint_test

import (
	"context"
	"testing"
)

// TestQuestionsAreAskedAgain: the books are told although every connection of
// the store was ended meanwhile.
func TestQuestionsAreAskedAgain(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	imported := load(t, s, pair("a", "1"))
	for range 3 {
		exec(t, dsn, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = 'relink' AND datname = current_database()`)
		if got := books(t, s, imported); got.Pending != 1 {
			t.Errorf("books = %+v", got)
		}
		if _, err := s.Start(context.Background(), "test", nil, nil); err != nil {
			t.Error(err)
		}
	}
}
