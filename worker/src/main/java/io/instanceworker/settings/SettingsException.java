package io.instanceworker.settings;

import java.util.List;

/** The settings have mistakes. This has all of them; each starts with the name of the property. */
public final class SettingsException extends RuntimeException {

    private final List<String> mistakes;

    public SettingsException(List<String> mistakes) {
        super("The settings have mistakes: " + String.join("; ", mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    public List<String> mistakes() {
        return mistakes;
    }
}
