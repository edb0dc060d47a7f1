package io.instanceworker.provision.sqlserver.fake;

import java.util.List;

/** Extended properties of a database. The catalog has those that are there. */
final class PropertyStatements {

    private static final String PROPERTY = " @name = {value}, @value = {value}";

    private final Model model;

    PropertyStatements(Model model) {
        this.model = model;
    }

    void addTo(Rules rules) {
        for (boolean named : List.of(true, false)) {
            String in = named ? "{name}." : "";
            int names = named ? 1 : 0;
            rules.change(
                    "IF EXISTS (SELECT 1 FROM " + in
                            + "sys.extended_properties p WHERE p.class = 0 AND p.name = {value})"
                            + " EXEC " + in + "sys.sp_updateextendedproperty" + PROPERTY
                            + " ELSE EXEC " + in + "sys.sp_addextendedproperty" + PROPERTY,
                    (session, match) -> {
                        synchronized (model) {
                            boolean isThere = read(session, named ? match.name(0) : session.database())
                                    .properties()
                                    .containsKey(match.text(names));
                            int call = 1 + names + (isThere ? 0 : 2 + names);
                            set(session, match, named ? match.name(call) : session.database(), call + names, isThere);
                        }
                    });
        }
        rules.change(
                "EXEC {name}.sys.sp_addextendedproperty" + PROPERTY,
                (session, match) -> set(session, match, match.name(0), 1, false));
        rules.change(
                "EXEC sys.sp_addextendedproperty" + PROPERTY,
                (session, match) -> set(session, match, session.database(), 0, false));
        rules.change("EXEC {name}.sys.sp_dropextendedproperty @name = {value}", (session, match) -> {
            synchronized (model) {
                read(session, match.name(0)).properties().remove(match.text(1));
            }
        });
        rules.change(
                "EXEC {name}.sys.sp_updateextendedproperty" + PROPERTY,
                (session, match) -> set(session, match, match.name(0), 1, true));
    }

    private FakeDatabase read(SessionState session, String name) {
        model.refuseOther(session, name);
        return model.open(
                model.find(name).orElseThrow(() -> Errors.unknownObject(name + ".sys.extended_properties")),
                session.session());
    }

    /** @param first where the name of the property stands in the statement */
    private void set(SessionState session, Template.Match match, String databaseName, int first, boolean update) {
        synchronized (model) {
            model.refuseOther(session, databaseName);
            FakeDatabase database = model.open(model.existing(databaseName), session.session());
            if (database.isReadOnly()) {
                throw Errors.wrong(
                        3906,
                        "Failed to update database \"" + database.name() + "\" because the database is read-only.");
            }
            String name = match.text(first);
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
            database.writeLog();
            database.properties().put(name, match.text(first + 1));
        }
    }
}
