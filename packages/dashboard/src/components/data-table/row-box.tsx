export interface RowBoxProps {
  readonly checked: boolean;
  readonly onToggle: () => void;
  /** Of the row. */
  readonly name: string;
}

/** The box that selects a row: looks like `Checkbox`, in one element, as each row that comes into sight makes one. */
export function RowBox({ checked, onToggle, name }: RowBoxProps) {
  return (
    <input
      type="checkbox"
      checked={checked}
      onChange={onToggle}
      aria-label={`Select ${name}`}
      className="relative z-10 grid size-4 cursor-pointer appearance-none place-items-center rounded-sm border border-border-strong bg-raised checked:border-accent checked:bg-accent checked:before:size-2.5 checked:before:bg-accent-foreground checked:before:content-[''] checked:before:[clip-path:polygon(14%_44%,0_60%,38%_92%,100%_20%,84%_6%,36%_64%)]"
    />
  );
}
