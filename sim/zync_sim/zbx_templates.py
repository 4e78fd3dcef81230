# SPDX-License-Identifier: Apache-2.0
"""Templates that are made by the API, as far as linking them to hosts needs it: items, rules, prototypes, web scenarios, parents."""
from .zbx_get import Getter, _ids
from .zbx_input import APP, INTERNAL, NO_OBJECT, PARAM, ApiError, as_list, bad
from .zbx_model import PER_TEMPLATE, Template, item_owner
from .zbx_schema import ITEM, PROTOTYPE, RULE

# What is called what in a refusal: alone, several, with an article; and on 6.0.
WORD = {ITEM: ("item", "items", "an item", "Item"), RULE: ("LLD rule", "LLD rules", "an LLD rule", "Discovery rule"),
        PROTOTYPE: ("item prototype", "item prototypes", "an item prototype", "Item prototype")}
OLD_WORD = {ITEM: "an item", RULE: "a discovery rule", PROTOTYPE: "an item prototype"}


class Templates:
    """The part of Objects that writes templates; `w`, `v` and `super` are its."""

    def template_create(self, p):
        ids = []
        for row in self.made_rows(p, ("host", "groups")):
            t = Template()
            t.templateid = self.w.next_id("host")
            t.host = t.name = row["host"]
            if t.host in self.w.by_host or t.name in self.w.by_name:
                raise ApiError(PARAM, 'Template with host name "%s" already exists.' % t.host)
            t.uuid = self.w.uuid("template", t.host)
            t.groups = [int(g["groupid"]) for g in as_list(row["groups"], "/groups")]
            t.items, t.macros, t.tags, t.entities, t.web, t.vendor_version = [], [], [], [], [], ""
            t.parents = [int(x["templateid"]) for x in as_list(row.get("templates", []), "/templates")]
            t.slot = 1 + max(x.slot for x in self.w.templates.values())
            for parent in t.parents:
                t.entities += self.w.templates[parent].entities
            t.count()
            self.w.templates[t.templateid] = t
            self.w.by_host[t.host] = self.w.by_name[t.name] = ("template", t.templateid)
            ids.append(str(t.templateid))
        return {"templateids": ids}

    def template_delete(self, p):
        ids = [int(i) for i in p]
        if any(i not in self.w.templates for i in ids):
            raise ApiError(APP, NO_OBJECT)
        for i in ids:
            for h in [h for h in self.w.hosts.values() if i in h.templates]:
                h = h.copy()
                self.w.unlink(h, i, clear=True)
                self.w.put(h)
            t = self.w.templates.pop(i)
            del self.w.by_host[t.host], self.w.by_name[t.name]
        return {"templateids": [str(i) for i in ids]}

    def made_rows(self, p, needed):
        if not self.super:
            raise ApiError(APP, NO_OBJECT)
        for n, row in enumerate(as_list(p, "/", not_empty=True), 1):
            for field in needed:
                if field not in row:
                    raise bad("/%d" % n, 'the parameter "%s" is missing' % field)
            yield row

    def item_create(self, p):
        return self.entities_create(p, ITEM)

    def discoveryrule_create(self, p):
        return self.entities_create(p, RULE)

    def itemprototype_create(self, p):
        return self.entities_create(p, PROTOTYPE)

    def entities_create(self, p, flags):
        ids = []
        for row in self.made_rows(p, ("hostid", "key_", "type", "name")):
            t = self.w.templates.get(int(row["hostid"]))
            if t is None:
                raise ApiError(INTERNAL, "The simulator makes items of templates only.")
            rule = int(row["ruleid"]) % PER_TEMPLATE if flags == PROTOTYPE else None
            ids.append(str(t.templateid * PER_TEMPLATE + len(t.entities)))
            t.entities.append((int(row["type"]), row["key_"], row["name"], flags, rule))
            t.count()
        return {"itemids": ids}

    def httptest_create(self, p):
        ids = []
        for row in self.made_rows(p, ("hostid", "name", "steps")):
            t = self.w.templates[int(row["hostid"])]
            ids.append(str(t.templateid * PER_TEMPLATE + len(t.web)))
            t.web.append(row["name"])
        return {"httptestids": ids}

    def httptest_get(self, p):
        only = _ids(p["httptestids"]) if p.get("httptestids") is not None else None
        of = _ids(p["templateids"]) if p.get("templateids") is not None else None
        rows = []
        for t in self.w.templates.values() if self.super else ():
            if of is not None and t.templateid not in of or only is not None and t.templateid not in {item_owner(i) for i in only}:
                continue
            for n, name in enumerate(t.web):
                ident = t.templateid * PER_TEMPLATE + n
                if only is None or ident in only:
                    rows.append({"httptestid": str(ident), "hostid": str(t.templateid), "name": name, "status": "0"})
        return Getter(self.v, "httptestid", ["httptestid", "hostid", "name", "status"], sortable=("httptestid", "name")).finish(rows, p)


def check_link(w, old, h, new):
    """Refuses new templates of a host in the words of the real server: parents, then keys, then web scenarios."""
    linked = [w.templates[t] for t in h.templates]
    check_parents(w, old, h, linked, new)
    if not old:
        check_new_keys(h, new)
    own = {o.key: o.flags for o in h.own or ()}
    done = {}
    for flags in (ITEM, RULE, PROTOTYPE):
        for t in new:
            for key in [k for k, f in t.kinds.items() if f == flags]:
                check_key(old, h, t, key, flags, linked, own, done)
        for t in new:
            done.update({k: f for k, f in t.kinds.items() if f == flags})
    names = {name for t in linked for name in t.web}
    for t in new:
        for name in t.web:
            if name in names:
                raise ApiError(PARAM, 'Web scenario "%s" already exists on host "%s".' % (name, h.host))
            names.add(name)


def ancestors(w, t):
    out = [t.templateid]
    for i in out:
        out += [p for p in w.templates[i].parents if p not in out]
    return out


def check_parents(w, old, h, linked, new):
    seen = {i for t in linked for i in ancestors(w, t)}
    for t in sorted(new, key=lambda t: len(ancestors(w, t))):
        for i in ancestors(w, t):
            if i in seen:
                raise ApiError(PARAM, "Template cannot be linked to another template more than once even through other templates." if old else
                               'Cannot link template "%s" to host "%s", because its parent template "%s" would be linked twice.'
                               % (t.name, h.host, w.templates[i].name))
        seen.update(ancestors(w, t))


def check_new_keys(h, new):
    for flags in (ITEM, RULE, PROTOTYPE):
        owner = {}
        for t in new:
            for key in [k for k, f in t.kinds.items() if f == flags]:
                if key in owner:
                    raise ApiError(PARAM, 'Cannot inherit %s with key "%s" of both "%s" and "%s" templates, because the key must be unique on '
                                   'host "%s".' % (WORD[flags][1], key, *sorted((owner[key].name, t.name)), h.host))
                owner[key] = t


def check_key(old, h, t, key, flags, linked, own, done):
    there = next((x for x in linked if key in x.kinds), None)
    found = there.kinds[key] if there else own.get(key, done.get(key))
    if found is None or found == flags and there is None:
        return
    if found == flags:
        raise ApiError(PARAM, '%s "%s" already exists on "%s", inherited from another template.' % (WORD[flags][3], key, h.host) if old else
                       'Cannot inherit %s with key "%s" of template "%s" to host "%s", because %s with the same key is already inherited from '
                       'template "%s".' % (WORD[flags][0], key, t.name, h.host, WORD[flags][2], there.name))
    raise ApiError(PARAM, 'Item with key "%s" already exists on "%s" as %s.' % (key, h.host, OLD_WORD[found]) if old else
                   'Cannot inherit %s with key "%s" of template "%s" to host "%s", because %s with the same key already exists.'
                   % (WORD[flags][0], key, t.name, h.host, WORD[found][2]))
