package sandbox

// known are the associations and records the sandbox was told of.
type known struct {
	associations []Association
	ids, keys    map[string][]Association
	records      map[string]string
}

func newKnown(c Config) known {
	k := known{associations: c.Associations, records: c.Records,
		ids: map[string][]Association{}, keys: map[string][]Association{}}
	for _, a := range c.Associations {
		k.ids[a.ID] = append(k.ids[a.ID], a)
		k.keys[a.Key] = append(k.keys[a.Key], a)
	}
	return k
}

func (a Association) in(location string) bool {
	return a.Location == "" || location == "" || a.Location == location
}

// byID finds an association. When none was told, every id is one.
func (k known) byID(id, location string) (Association, bool) {
	if len(k.associations) == 0 {
		return Association{ID: id, Key: "association_" + id, FirstObject: "contact", SecondObject: "custom_objects.any"}, true
	}
	return pick(k.ids[id], location)
}

// byKey finds an association by its key, which has to have been told.
func (k known) byKey(key, location string) (Association, bool) {
	return pick(k.keys[key], location)
}

func pick(list []Association, location string) (Association, bool) {
	for _, a := range list {
		if a.in(location) {
			return a, true
		}
	}
	return Association{}, false
}

// stranger returns the record that does not belong where it stands, if any.
func (k known) stranger(r relation, a Association) string {
	if k.records == nil {
		return ""
	}
	sides := [...]struct{ id, object string }{{r.first, a.FirstObject}, {r.second, a.SecondObject}}
	for _, side := range sides {
		object, ok := k.records[side.id]
		if !ok || len(k.associations) > 0 && object != side.object {
			return side.id
		}
	}
	return ""
}
