import { Component, type ReactNode } from 'react';

interface BlockBoundaryProps {
  /** Shown when the children cannot be. */
  fallback: ReactNode;
  children: ReactNode;
}

/** One block that no renderer can cope with takes nothing else of the page with it. */
export class BlockBoundary extends Component<BlockBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? this.props.fallback : this.props.children;
  }
}
