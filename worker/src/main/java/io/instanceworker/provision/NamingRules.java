package io.instanceworker.provision;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules for database names. A name that breaks a rule is refused before any SQL. A name is never shortened. */
public final class NamingRules {

    /** Possessive quantifiers, so that a long name causes neither a stack overflow nor quadratic time by backtracking. */
    private static final Pattern LEADING_RUN =
            Pattern.compile("^(?:edfi_++ods(?:_++|\\z))++", Pattern.CASE_INSENSITIVE);

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
    private static final int LONGEST_NAME_SHOWN = 100;

    private final Pattern pattern;

    public NamingRules(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * The database name of an instance: its databaseName, or a name derived from its display name by Ed-Fi's rule. Spaces
     * become underscores, and underscores at both ends are removed. Every {@code EdFi_Ods} at the start that is a separate word
     * is removed. The result is {@code EdFi_Ods_{name}_{template}}, without the part that is empty.
     *
     * @throws ProvisioningException {@code INVALID_NAME} or {@code NAME_TOO_LONG}
     */
    String databaseName(InstanceRef instance, @Nullable String template, DatabaseNameRules engine) {
        if (instance.databaseName() != null) {
            return checked(instance.databaseName(), engine);
        }
        if (instance.name() == null) {
            throw new ProvisioningException(
                    ErrorCode.INVALID_NAME, "The instance has neither a databaseName nor a name to derive one from.");
        }
        return checked(derived(instance.name(), template), engine);
    }

    /** @param template null for none */
    public static String derived(String displayName, @Nullable String template) {
        String underscored = trimmed(displayName.replace(' ', '_'));
        String name = LEADING_RUN.matcher(underscored).replaceFirst("");
        return "EdFi_Ods" + (name.isEmpty() ? "" : "_" + name) + (template == null ? "" : "_" + template);
    }

    private static String trimmed(String name) {
        int start = 0;
        int end = name.length();
        while (start < end && name.charAt(start) == '_') {
            start++;
        }
        while (end > start && name.charAt(end - 1) == '_') {
            end--;
        }
        return name.substring(start, end);
    }

    /** @throws ProvisioningException {@code INVALID_NAME} or {@code NAME_TOO_LONG} */
    String checked(String databaseName, DatabaseNameRules engine) {
        if (!matches(databaseName) || databaseName.indexOf('\0') >= 0) {
            throw new ProvisioningException(
                    ErrorCode.INVALID_NAME,
                    "The database name \"" + shown(databaseName) + "\" does not match " + pattern.pattern()
                            + ", the pattern that is configured for database names.");
        }
        if (!engine.fits(databaseName)) {
            throw new ProvisioningException(
                    ErrorCode.NAME_TOO_LONG,
                    "The database name \"" + shown(databaseName) + "\" is " + engine.lengthOf(databaseName)
                            + " long, and the server holds " + engine.maxLength()
                            + ". Choose a shorter one; a name is never cut.");
        }
        return databaseName;
    }

    private boolean matches(String databaseName) {
        try {
            return pattern.matcher(databaseName).matches();
        } catch (StackOverflowError e) {
            throw new ProvisioningException(
                    ErrorCode.INVALID_NAME,
                    "The database name \"" + shown(databaseName) + "\" cannot be checked: the setting"
                            + " database-name-pattern needs more stack than there is for a name of this length. Use a"
                            + " pattern without nested groups, or a shorter name.");
        }
    }

    /** The name for messages: cut, and without line breaks, so that in a log it cannot look like another line. */
    private static String shown(String name) {
        String printable = CONTROL.matcher(name).replaceAll("?");
        return printable.length() <= LONGEST_NAME_SHOWN ? printable : printable.substring(0, LONGEST_NAME_SHOWN) + "…";
    }
}
