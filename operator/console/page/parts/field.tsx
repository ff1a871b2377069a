interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly example?: string;
  readonly isNumber?: boolean;
}

/** A text that somebody types. */
export function Field({ label, value, set, example, isNumber }: FieldProps) {
  return (
    <label>
      {label}
      <input
        value={value}
        onInput={(event) => set(event.currentTarget.value)}
        placeholder={example}
        inputMode={isNumber ? 'numeric' : 'text'}
      />
    </label>
  );
}
