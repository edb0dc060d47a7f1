package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Session;

/** Extended properties of a database. The catalog has those that are there. */
final class PropertyStatements {

    private static final String PROPERTY = " @name = {value}, @value = {value}";

    private final Model model;

    PropertyStatements(Model model) {
        this.model = model;
    }

    void addTo(Rules rules) {
        rules.change(
                "IF EXISTS (SELECT 1 FROM {name}.sys.extended_properties p WHERE p.class = 0 AND p.name = {value})"
                        + " EXEC {name}.sys.sp_updateextendedproperty" + PROPERTY
                        + " ELSE EXEC {name}.sys.sp_addextendedproperty" + PROPERTY,
                (session, match) -> {
                    synchronized (model) {
                        boolean isThere = read(match.name(0), session.session())
                                .properties()
                                .containsKey(match.text(1));
                        int call = isThere ? 2 : 5;
                        set(session, match, call, isThere);
                    }
                });
        rules.change(
                "EXEC {name}.sys.sp_addextendedproperty" + PROPERTY, (session, match) -> set(session, match, 0, false));
        rules.change(
                "EXEC {name}.sys.sp_updateextendedproperty" + PROPERTY,
                (session, match) -> set(session, match, 0, true));
    }

    private FakeDatabase read(String name, Session session) {
        return model.open(
                model.find(name).orElseThrow(() -> Errors.unknownObject(name + ".sys.extended_properties")), session);
    }

    /** @param first where the name of the database stands in the statement */
    private void set(SessionState session, Template.Match match, int first, boolean update) {
        synchronized (model) {
            FakeDatabase database = model.open(model.existing(match.name(first)), session.session());
            if (database.isReadOnly()) {
                throw Errors.wrong(
                        3906,
                        "Failed to update database \"" + database.name() + "\" because the database is read-only.");
            }
            String name = match.text(first + 1);
            if (database.properties().containsKey(name) != update) {
                throw update
                        ? Errors.wrong(
                                15217,
                                "Property cannot be updated or deleted. Property '" + name
                                        + "' does not exist for 'object specified'.")
                        : Errors.wrong(
                                15233,
                                "Property cannot be added. Property '" + name
                                        + "' already exists for 'object specified'.");
            }
            database.properties().put(name, match.text(first + 2));
        }
    }
}
