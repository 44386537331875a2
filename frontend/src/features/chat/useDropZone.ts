import { useRef, useState, type DragEvent } from 'react';

interface DropZone {
  /** Files are held over the zone. */
  isOver: boolean;
  handlers: {
    onDragEnter: (event: DragEvent) => void;
    onDragOver: (event: DragEvent) => void;
    onDragLeave: (event: DragEvent) => void;
    onDrop: (event: DragEvent) => void;
  };
}

const hasFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');

/** Takes files that are dropped; text that is dropped goes where it was dropped. Null: nothing is taken. */
export const useDropZone = (onFiles: ((files: readonly File[]) => void) | null): DropZone => {
  const [isOver, setOver] = useState(false);
  // Every child that is entered and left tells too: only when all are left is the zone.
  const depth = useRef(0);
  const take = (event: DragEvent): boolean => {
    if (!onFiles || !hasFiles(event)) return false;
    event.preventDefault();
    return true;
  };
  return {
    isOver,
    handlers: {
      onDragEnter: (event) => {
        if (!take(event)) return;
        depth.current += 1;
        setOver(true);
      },
      onDragOver: take,
      onDragLeave: (event) => {
        if (!take(event)) return;
        depth.current -= 1;
        if (depth.current <= 0) setOver(false);
      },
      onDrop: (event) => {
        if (!take(event)) return;
        depth.current = 0;
        setOver(false);
        onFiles?.([...event.dataTransfer.files]);
      },
    },
  };
};
