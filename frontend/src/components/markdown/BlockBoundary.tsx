import { Component, type ReactNode } from 'react';

import styles from './Markdown.module.css';

interface BlockBoundaryProps {
  /** Shown as it is when it cannot be shown as Markdown. */
  text: string;
  children: ReactNode;
}

/** One block that no renderer can cope with takes nothing else of the page with it. */
export class BlockBoundary extends Component<BlockBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? <pre className={styles.raw}>{this.props.text}</pre> : this.props.children;
  }
}
